"""Tests of what speaks to hardware."""
