-- One database per owner of tables; PostgreSQL runs this once, when its volume is new.
CREATE DATABASE coordination;
CREATE DATABASE poller;
CREATE DATABASE customer_resolver;
CREATE DATABASE booking_writer;
CREATE DATABASE console;
