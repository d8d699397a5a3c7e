# Digit Lab: the dashboard, and what trains. `docker build -t digit-lab .`, then
# `docker run -p 8501:8501 -v digit-lab:/app/var digit-lab`; or `docker compose up`, with a PostgreSQL database.
FROM python:3.12-slim

RUN useradd --uid 1000 --create-home digits
WORKDIR /app

# What changes seldom comes first: a change of the code alone installs nothing anew.
COPY requirements.txt .
RUN python -m pip install --no-cache-dir --requirement requirements.txt

COPY . .
# What the app writes: a volume, so that it outlasts the container. The rest belongs to root.
RUN mkdir var && chown 1000 var
VOLUME /app/var

USER 1000
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/lab/health', timeout=4)"]
# The last option keeps Streamlit from asking a web site for the address of this machine.
CMD ["python", "-m", "streamlit", "run", "Home.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", "--server.fileWatcherType=none", "--browser.serverAddress=localhost"]
