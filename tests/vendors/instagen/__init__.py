"""What is known of the Instagen sticks, held against driver and simulator."""
