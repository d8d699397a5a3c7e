"""What the pages share, and the only code besides them that imports Streamlit."""
