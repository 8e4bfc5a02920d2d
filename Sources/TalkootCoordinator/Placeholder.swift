enum PlaceholderTalkootCoordinator {}
