"""The helper process that sums up exchanges, and the columns that it fills."""
