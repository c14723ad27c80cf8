"""`chatreel check`: runs the acceptance cases TC-001 to TC-604 on a chatbot or a platform, and sums them up."""
