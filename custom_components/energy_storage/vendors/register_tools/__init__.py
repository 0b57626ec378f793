"""Tools for whoever explores a device: ranges, scans, what a value on a display may be, what may be written.

They know no vendor: all they know of a plant comes from its `RawAccess`.
"""
