"""The pages of members and admins, and what every page shares: drawing, static files, security."""
