"""How the weights that ship with the project were made: ``tlbook pretrain`` makes them again."""
