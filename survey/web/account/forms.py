"""What staff type to sign in."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF comes without types
    """Address and password, and where to go afterwards."""

    email = StringField(validators=[InputRequired("Enter your e-mail address.")])
    password = PasswordField(validators=[InputRequired("Enter your password.")])
    next = HiddenField()
