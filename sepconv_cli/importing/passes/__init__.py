"""A forward pass of a torch module, written down call by call, and what it needs.

That is a module that can run, what it runs on, and the tensors that it makes. torch is imported
here.
"""
