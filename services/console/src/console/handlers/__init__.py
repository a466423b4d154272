"""What the console does: record what is told, answer what is asked, carry out what a person decides."""
