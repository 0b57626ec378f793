"""Chint and CPS inverters: ECH hybrids, SCE hybrids and SCA/SCH string inverters, each by its profile."""
