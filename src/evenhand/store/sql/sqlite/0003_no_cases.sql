-- A case is a stream of records and a place in a queue; nothing was ever written here.
DROP TABLE case_;
