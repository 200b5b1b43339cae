"""An ONNX graph -> a tape of calls: its shapes, its constants, and where every tensor has its batch.

What an operator means is onnx_ops/'s.
"""
