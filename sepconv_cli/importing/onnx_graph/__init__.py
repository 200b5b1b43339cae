"""An ONNX graph -> a tape of calls: shapes, constants, and where every tensor has its batch.

What an operator means is onnx_ops/'s.
"""
