"""Policy bundles: proposing, testing and previewing them."""
