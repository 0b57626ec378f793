"""What owners do in a browser, in a real Home Assistant with a simulated plant."""
