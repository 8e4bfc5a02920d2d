enum PlaceholderTalkootScheduling {}
