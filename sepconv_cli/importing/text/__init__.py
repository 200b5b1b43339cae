"""Steps -> the text of a spec: an outline that follows the module tree, names, blocks, YAML.

`describe` is the way in. What ops cost, and whether the text is right, is asked elsewhere.
"""
