"""The assessor's own rules, by name: what it looks at beside the rows of the tables. Pure.

A finding cites either a row of the tables or one of these; nothing else may explain why two states are answered
differently.
"""

OWN_RULES: dict[str, str] = {
    "no-regime": "A kind of request that no regime governs on its day goes to a person.",
    "decides": "A regime that its row gives to people is not settled by tables.",
    "verified": "The sender is verified at least as far as the regime's row asks; who asks for data in an emergency, "
    "without a valid signature, is called back whatever the regime.",
    "signature": "A signature that does not verify goes to a person.",
    "issuer-area": "A regime of the Union is open to Member States' authorities only; all else goes to a person.",
    "issuer-kind": "A kind of issuer that the regime's row does not name goes to a person.",
    "market": "An order of a state where the service is not offered goes to a person.",
    "target-named": "A request that names nothing to act on goes to a person.",
    "known": "A target that nobody has looked up yet goes to a person.",
    "on-service": "What is not on our service is refused for itself; if nothing is, the sender is told so at once.",
    "flags-known": "Whether a target is press, assembly or opposition must be recorded; unknown goes to a person.",
    "ask-known": "An ask that the regime's row does not name goes to a person.",
    "data-named": "A disclosure that names no category of data goes to a person.",
    "who-may-ask": "A category of data that no row settles goes to a person.",
    "territory": "An effect reaches no further than law and order; an order that names no such place goes to a person.",
    "preserve": "Preserving discloses nothing.",
    "inform": "A question about the service itself is answered.",
}
