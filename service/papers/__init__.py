"""What people take away on paper: PDF documents that are read aloud as well as printed."""
