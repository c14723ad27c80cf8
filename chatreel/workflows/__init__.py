"""Steps that several commands share: recording through a proxy, opening what is compared, proving a replay."""
