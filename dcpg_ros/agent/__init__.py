"""The decentralised part: what is said to neighbours, how it is waited for, and the round that uses it."""
