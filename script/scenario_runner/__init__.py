"""Lets whole days happen to a simulated plant under our control; see `script/scenario`."""
