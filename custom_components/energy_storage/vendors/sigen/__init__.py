"""Sigen (Sigenergy) plants over Modbus TCP."""
