"""Many specs -> rows: found, dealt out in chunks, counted by many processes, written as one table.

find.py names the inputs and documents.py cuts them into documents, lazily. chunk.py turns a
chunk of documents into rows and is all that a worker runs. engine.py keeps a crew of workers
busy (pool.py: local processes, cluster.py: Dask) and survives their deaths; parts.py and last.py
remember what was counted; write.py and summary.py make the results. run.py ties them together.
"""
