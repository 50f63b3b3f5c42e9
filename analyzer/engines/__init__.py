"""Where SQL runs, and the questions that are asked."""
