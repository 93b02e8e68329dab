"""Break-glass exceptions: approved first, ended by themselves, reviewed after."""
