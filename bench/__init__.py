"""The benchmark: the real server on one core, a room full of phones from another, and what everyone of them heard.

It measures and checks; it asserts nothing about speed and knows nothing of the inside of the product.
"""
