"""Instagen plants (Hoymiles storage family): our own driver over the stick's local port."""
