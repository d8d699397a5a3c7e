"""What we made for the browser beside Streamlit's own widgets."""
