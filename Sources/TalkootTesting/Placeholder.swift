enum PlaceholderTalkootTesting {}
