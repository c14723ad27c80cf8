"""What several commands do: recording through a proxy, opening what is compared, proving a replay."""
