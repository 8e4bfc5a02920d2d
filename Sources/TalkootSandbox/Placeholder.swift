enum PlaceholderTalkootSandbox {}
