"""Everything from the readings to the writes, closed over a simulated plant: what it promises to an owner."""
