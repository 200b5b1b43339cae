"""Where specs come from: paths, standard input, the zoo, and the schema that editors read."""
