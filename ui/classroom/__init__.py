"""A class that works at once: the teacher's page, the projector, and the routes of the pupils' page."""
