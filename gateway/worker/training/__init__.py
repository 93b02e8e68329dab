"""How the letters adapter was made: data by script, training, and an honest score."""
