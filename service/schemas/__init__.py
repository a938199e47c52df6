"""What goes over the wire, one file a subject. JSON names are those other programs rely on."""
