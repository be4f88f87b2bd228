"""The whole story: what a signature, a decision, a release or a new piece of evidence sets in motion.

The only room that acts on several domains; pages and tasks call it, it calls the domains' actions.
"""
