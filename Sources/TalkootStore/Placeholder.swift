enum PlaceholderTalkootStore {}
