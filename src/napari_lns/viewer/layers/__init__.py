"""Results and stimuli as layers: planning, placing, reading, writing."""
