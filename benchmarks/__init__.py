"""The portal's tokens beside their peers, and the candidates list at a million rows."""
