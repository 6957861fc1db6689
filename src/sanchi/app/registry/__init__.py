"""Operations on certificates: one file a verb; each does all of what it was asked for or nothing, once an id."""
