"""A model that somebody holds -> a spec: its calls are recorded, translated, written down, proven.

`steps` is what every source comes to. passes/ runs torch modules; functions/, onnx_ops/ and aten/
say what calls mean; text/ makes what a person likes to read; proofs/ hold it to the model.
"""
