-- People's decisions are found by the act that holds them; a machine's, by the million, cost this index nothing.
CREATE INDEX decision_by_person ON decision (act) WHERE rule = 'person';
