"""Online gradients of recurrent networks: RTRL, UORO, KF-RTRL, OK and their relatives."""
