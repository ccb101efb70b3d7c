"""Show results and stimuli as napari layers: plan, place, read and write them.

Qt widgets do not belong here.
"""
